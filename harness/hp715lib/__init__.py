"""The HP 715 under QEMU: real drivers on device models, judged from outside."""
