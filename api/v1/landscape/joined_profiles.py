"""The technical profile of a server: those of its deployments side by side."""

from typing import Any

from rest_framework import serializers

from api.fields import Choice
from api.v1.endpoint_parts import refs
from landscape.joined_profile import Agreement


class SayingOut(serializers.Serializer[Any]):
    """What some deployments say of a fact, in words."""

    words = serializers.CharField()
    deployments = refs.DeploymentRef(many=True)


class JoinedFactOut(serializers.Serializer[Any]):
    """A fact with all that is said of it; `unknown` are the deployments of which nobody knows it."""

    name = serializers.CharField(source="field", help_text="its name in `/technical-profiles/`")
    title = serializers.CharField(source="label")
    agreement = Choice(choices=Agreement.choices)
    sayings = SayingOut(many=True)
    unknown = refs.DeploymentRef(many=True)


class JoinedGroupOut(serializers.Serializer[Any]):
    """Facts that belong together."""

    title = serializers.CharField()
    facts = JoinedFactOut(many=True)


class SeenOtherwiseOut(serializers.Serializer[Any]):
    """What was seen of the server that is not as the profile of a deployment says."""

    deployment = refs.DeploymentRef()
    words = serializers.ListField(child=serializers.CharField())


class ProfileRef(serializers.Serializer[Any]):
    """The technical profile of a deployment."""

    id = serializers.UUIDField()
    deployment = refs.DeploymentRef()


class JoinedProfileOut(serializers.Serializer[Any]):
    """What is known of the technique of all deployments of a server that have not ended.

    `without` are those that have no technical profile yet.
    """

    profiles = ProfileRef(many=True)
    without = refs.DeploymentRef(many=True)
    groups = JoinedGroupOut(many=True)
    seen_otherwise = SeenOtherwiseOut(many=True)
