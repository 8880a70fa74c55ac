"""The web door."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Configuration of the web package."""

    name = "web"

    def ready(self) -> None:
        """Let forms say what to do where a field is empty."""
        from web.forms import required

        required.say_what_to_do()
