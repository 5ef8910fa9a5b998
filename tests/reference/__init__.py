"""NumPy twins of the native kernels: the specification of each, written for reading, not for speed."""
