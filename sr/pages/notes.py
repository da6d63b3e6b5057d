"""Numbered notes below a table, which its cells point to."""


class Notes:
    """Numbers notes in the order in which they are first needed; equal notes share a number."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def number(self, text: str) -> int | None:
        """The number of a note, from 1; None for no text."""
        if not text:
            return None
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text) + 1
