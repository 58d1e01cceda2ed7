"""Who works here: members, teams, deputies and tokens; what they may do follows from their roles."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Team(models.Model):
    """Some members, and the changes that are theirs."""

    id = models.CharField(primary_key=True, max_length=64)
    title = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        app_label = "records"
        ordering = ["id"]


class Member(AbstractBaseUser):
    """Somebody who can log in. What they do is on record under `name`."""

    name = models.CharField(max_length=200, unique=True)
    title = models.CharField(max_length=200, blank=True)
    """What people call them."""
    email = models.EmailField(max_length=200, null=True, unique=True)
    roles = models.JSONField(default=list)
    """Those that they hold everywhere, whatever the team."""
    is_active = models.BooleanField(default=True)
    generation = models.PositiveIntegerField(default=0)
    """Counted up to end every session of theirs."""
    failed = models.PositiveIntegerField(default=0)
    """Logins in their name that failed since they last looked."""
    failed_since = models.DateTimeField(null=True)
    recovered_at = models.DateTimeField(null=True)
    """When somebody else opened the account for them, until they have seen it."""
    code_step = models.PositiveBigIntegerField(default=0)
    """The newest step of time whose code they used; no code of it or of one before is taken again."""
    language = models.CharField(max_length=2, blank=True)
    joined_at = models.DateTimeField()

    objects = BaseUserManager()
    USERNAME_FIELD = "name"
    EMAIL_FIELD = "email"

    class Meta:
        app_label = "records"
        ordering = ["name"]

    def get_full_name(self) -> str:
        """What people call them, else their name."""
        return str(self.title or self.name)

    def get_session_auth_hash(self) -> str:
        """Sessions end with another password, and when they are counted up."""
        return f"{super().get_session_auth_hash()}{self.generation}"


class Membership(models.Model):
    """A member's roles in a team."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    roles = models.JSONField(default=list)

    class Meta:
        app_label = "records"
        constraints = [models.UniqueConstraint(fields=["member", "team"], name="one_membership_a_team")]


class Deputy(models.Model):
    """Somebody stands in for a member: in that time they hold their roles too."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="deputies")
    stands_in = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="stands_in_for")
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        app_label = "records"


class Token(models.Model):
    """A script acts as its member, within its scopes. Only the digest of the token is kept."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="tokens")
    title = models.CharField(max_length=200)
    scopes = models.JSONField()
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "records"
        ordering = ["-made_at"]
