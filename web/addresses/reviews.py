"""Addresses of reviews."""

from django.urls import URLPattern, path

from web.assessments import reviews
from web.findings import giving

urlpatterns: list[URLPattern] = [
    path("reviews/", reviews.index, name="review-list"),
    path("reviews/give/", giving.reviews_of, name="reviews-give"),
    path("reviews/<uuid:pk>/", reviews.detail, name="review-detail"),
    path("reviews/<uuid:pk>/assign/", reviews.assign, name="review-assign"),
    path("reviews/<uuid:pk>/start/", reviews.start, name="review-start"),
    path("reviews/<uuid:pk>/skip/", reviews.skip, name="review-skip"),
    path("servers/<uuid:pk>/request-review/", reviews.ask, name="review-request"),
]
