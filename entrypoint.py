"""The container's first process: Drydock, or the program that the container's arguments name; nothing else."""

from drydock.__main__ import first_process

if __name__ == "__main__":
    first_process()
