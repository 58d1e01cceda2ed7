"""What somebody asked for and waits to hear of."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0008_telling"),
    ]

    operations = [
        migrations.CreateModel(
            name="Request",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("title", models.CharField(max_length=200)),
                ("why", models.TextField()),
                ("wanted_by", models.DateField(null=True)),
                ("by", models.CharField(max_length=71)),
                ("asked_at", models.DateTimeField()),
                ("change", models.CharField(blank=True, db_index=True, max_length=200)),
                ("answered_by", models.CharField(blank=True, max_length=71)),
                ("answered_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["-asked_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ApprovalAsked",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("model", models.CharField(db_index=True, max_length=80)),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "asked",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="approvals_asked",
                        to="records.member",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="approvals_wanted",
                        to="records.member",
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Lesson",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("change", models.CharField(db_index=True, max_length=200)),
                ("text", models.TextField()),
                ("action", models.TextField(blank=True)),
                ("due", models.DateField(null=True)),
                ("by", models.CharField(max_length=71)),
                ("drawn_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="lessons",
                        to="records.member",
                    ),
                ),
            ],
            options={
                "ordering": ["drawn_at", "id"],
            },
        ),
    ]
