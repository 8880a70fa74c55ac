"""What a repository is called, however its address is written."""

from tests.tables import for_each
from vendors.naming import repositories


@for_each(
    "url, name",
    [
        ("https://github.com/Example/Weather", "github.com/example/weather"),
        ("https://github.com/example/weather.git", "github.com/example/weather"),
        ("https://github.com/example/weather/", "github.com/example/weather"),
        ("https://github.com/example/weather/tree/main/src/server", "github.com/example/weather"),
        ("https://gitlab.com/example/weather/-/tree/main", "gitlab.com/example/weather"),
        ("https://gitlab.com/group/team/weather", ""),
        ("https://github.com/example", ""),
        ("https://[::1/example/weather", ""),
        ("", ""),
    ],
)
def test_the_name_of_a_repository(url: str, name: str):
    assert repositories.name_of(url) == name
