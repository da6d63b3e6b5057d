"""What a metric says when it can not be had."""


class Unavailable(Exception):  # noqa: N818 - a state to report, not a fault
    """An asset or package that a metric needs is missing; the message is one sentence with the reason."""
