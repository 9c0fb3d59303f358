"""Example projects; `conductor init` and `conductor demo` copy from them."""
