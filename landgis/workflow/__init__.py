"""One function per task of a user; the commands and the app call the same ones."""
