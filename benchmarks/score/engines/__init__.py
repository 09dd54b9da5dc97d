"""One engine a module: `run(files, out, clock)` does the whole job; each is started as a process of its own."""
