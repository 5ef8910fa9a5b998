"""NumPy twins of the native kernels: each is the specification of its kernel, written for reading, not for speed."""
