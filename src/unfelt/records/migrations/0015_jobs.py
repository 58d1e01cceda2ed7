from django.db import migrations, models


class Migration(migrations.Migration):
    """Runs of jobs and the workers that do them are in the records, and no longer in a note of one console."""

    dependencies = [("records", "0014_longer_names")]
    operations = [
        migrations.CreateModel(
            name="JobRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("job", models.CharField(max_length=80)),
                ("key", models.CharField(max_length=200)),
                ("is_tick", models.BooleanField(default=False)),
                ("state", models.CharField(default="queued", max_length=12)),
                ("arguments", models.JSONField(default=dict)),
                ("asked_by", models.CharField(blank=True, max_length=71)),
                ("asked_at", models.DateTimeField()),
                ("next_at", models.DateTimeField()),
                ("began", models.DateTimeField(null=True)),
                ("heartbeat_at", models.DateTimeField(null=True)),
                ("ended", models.DateTimeField(null=True)),
                ("succeeded_at", models.DateTimeField(null=True)),
                ("worker", models.CharField(blank=True, max_length=80)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveBigIntegerField(default=0)),
                ("of", models.PositiveBigIntegerField(null=True)),
                ("note", models.JSONField(default=dict)),
                ("problem", models.JSONField(default=dict)),
                ("cancel_asked_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["state", "next_at"], name="jobrun_due")],
                "constraints": [
                    models.UniqueConstraint(fields=("job", "key"), name="one_run_a_key"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_tick", True), ("state__in", ("queued", "running"))),
                        fields=("job",),
                        name="one_open_tick_a_job",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkerRow",
            fields=[
                ("id", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("host", models.CharField(max_length=200)),
                ("pid", models.PositiveBigIntegerField()),
                ("began", models.DateTimeField()),
                ("seen_at", models.DateTimeField(db_index=True)),
            ],
            options={"ordering": ["began"]},
        ),
    ]
