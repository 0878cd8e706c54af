"""Which types expressions have and which objects they can be, by running the slice on abstract values."""
