"""The score job beside its peers: made data, engines in turn as whole processes, and what came of them."""
