"""What is said when something a user can mend is wrong, and when something can not be had."""


class InputError(ValueError):
    """Bad input: a file, a key or an option that the user can put right.

    The message is one sentence that names the file or key and says what to do.
    The command line prints it without a traceback and exits with 1.
    """


class Unavailable(Exception):  # noqa: N818 - a state to report, not a fault
    """An asset or package that a metric needs is missing; the message is one sentence with the reason."""
