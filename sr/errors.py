"""The one exception for mistakes a user can mend."""


class InputError(ValueError):
    """Bad input: a file, a key or an option that the user can put right.

    The message is one sentence that names the file or key and says what to do.
    The command line prints it without a traceback and exits with 1.
    """
