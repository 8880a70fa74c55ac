"""The demo organisation."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Offers the page of the administration what removes the demo organisation."""

    name = "demo"

    def ready(self) -> None:
        """Hand the step and its prospect to the door below, which cannot import it."""
        from demo import removal
        from web.accounts import demo

        demo.offer(removal.remove, prospect=removal.prospect)
