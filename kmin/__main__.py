"""python -m kmin"""

from kmin.cli import main

if __name__ == "__main__":
    main()
