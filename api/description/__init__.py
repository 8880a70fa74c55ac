"""How the API describes itself: each endpoint, examples of bodies, the OpenAPI document, and a page made of it."""
