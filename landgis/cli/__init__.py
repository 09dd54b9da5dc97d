"""The commands: options in, one workflow function called, what came out said. Heavy imports wait until needed."""
