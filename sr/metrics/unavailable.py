"""What a metric says when it can not be had."""


class Unavailable(Exception):
    """An asset or package that a metric needs is missing; the message is one sentence with the reason."""
