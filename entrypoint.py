"""The container's first process: runs the program and ends with its answer; nothing else."""

from drydock.__main__ import main

if __name__ == "__main__":
    main()
