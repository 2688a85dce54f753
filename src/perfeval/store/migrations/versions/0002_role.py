"""The database role that wrote a record, beside the name it claims."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; records written before stay without a role."""
    op.add_column("journal", sa.Column("role", sa.String, nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("journal", "role", server_default=sa.text("CURRENT_USER"))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("journal", "role")
