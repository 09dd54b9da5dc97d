"""One number per parcel, one function per number; then all of them at once."""
