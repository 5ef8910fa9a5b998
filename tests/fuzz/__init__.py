"""Fuzzing the parsers: what each is fed (`targets`), how inputs are bent (`mutations`), long runs (`run`)."""
