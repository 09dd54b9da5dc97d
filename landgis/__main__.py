"""`python -m landgis`."""

from landgis.cli.main import main

if __name__ == "__main__":
    main()
