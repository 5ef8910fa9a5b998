"""Fuzzing the parsers: what may be fed to each (`targets`), how inputs are bent (`mutations`), and long runs (`run`)."""
