"""Work that goes on after the acknowledgement."""
