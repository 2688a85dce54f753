"""The first schema: sessions, evaluations, journal, pinned sets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "session",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("document", _DOCUMENT, nullable=False),
        sa.Column("head", sa.String, nullable=False),
        sa.Column("records", sa.Integer, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("changed_by", sa.String, nullable=False),
        sa.Column("deleted_at", _MOMENT),
    )
    op.create_table(
        "evaluation",
        sa.Column("session_id", sa.String, _owner(), primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("document", _DOCUMENT, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("budget", sa.BigInteger),
        sa.Column("executed", sa.BigInteger),
        sa.Column("total", sa.Integer),
        sa.Column("filled", sa.Integer),
        sa.Column("grade", sa.String),
        sa.Column("engine", sa.String, nullable=False),
        sa.Column("set_hash", sa.String, nullable=False),
    )
    op.create_table(
        "journal",
        sa.Column("session_id", sa.String, _owner(), primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("record", sa.Text, nullable=False),
    )
    op.create_table(
        "pinned_set",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("set_id", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )


def _owner() -> sa.ForeignKey:
    return sa.ForeignKey("session.id", ondelete="CASCADE")


def downgrade() -> None:
    """Drop the tables."""
    for table in ("pinned_set", "journal", "evaluation", "session"):
        op.drop_table(table)
