"""A stage with a mistake in it."""


class Stage:
    def process_item(self, item):
        raise TypeError(f"no such thing as {type(item).__name__}")
