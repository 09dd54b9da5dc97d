"""`python -m landgis`."""

from landgis.cli import main

if __name__ == "__main__":
    main()
