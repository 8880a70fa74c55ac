"""Addresses of assessments, their questions, their review and the decision."""

from django.urls import URLPattern, path

from web.assessments import answer_evidence, answers, assessments, checking, decisions, vendor_assessments

urlpatterns: list[URLPattern] = [
    path("assessments/", assessments.index, name="assessment-list"),
    path("assessments/new/", assessments.choose, name="assessment-choose"),
    path("servers/<uuid:pk>/assess/", assessments.start, name="assessment-start"),
    path("assessments/<uuid:pk>/", assessments.detail, name="assessment-detail"),
    path("assessments/<uuid:pk>/assign/", assessments.assign, name="assessment-assign"),
    path("assessments/<uuid:pk>/move/", assessments.move, name="assessment-move"),
    path("assessments/<uuid:pk>/cancel/", assessments.cancel, name="assessment-cancel"),
    path("assessments/<uuid:pk>/dimensions/<slug:key>/", answers.dimension, name="assessment-dimension"),
    path("assessments/<uuid:pk>/dimensions/<slug:key>/progress/", answers.progress, name="assessment-progress"),
    path("assessments/<uuid:pk>/answers/", answers.save, name="answers-save"),
    path("assessments/<uuid:pk>/answers/<uuid:answer>/evidence/", answer_evidence.add, name="answer-evidence"),
    path(
        "assessments/<uuid:pk>/answers/<uuid:answer>/evidence/<uuid:evidence>/verify/",
        answer_evidence.verify,
        name="answer-verify",
    ),
    path("assessments/<uuid:pk>/answers/<uuid:answer>/confirm/", decisions.confirm, name="answer-confirm"),
    path("assessments/<uuid:pk>/check/", checking.check, name="assessment-check"),
    path("assessments/<uuid:pk>/review/", decisions.review, name="assessment-review"),
    path("assessments/<uuid:pk>/return/", decisions.give_back, name="assessment-return"),
    path("assessments/<uuid:pk>/decide/", decisions.decide, name="assessment-decide"),
    path("assessments/<uuid:pk>/finalise/", vendor_assessments.finalise, name="assessment-finalise"),
]
