"""`python -m sr`: what torchrun starts."""

from sr.cli import main

if __name__ == "__main__":
    main()
