"""The register: ledger, land, evidence, users, settings. On PostGIS also who may do what."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "r0001", None, None, None

TEXT = ("uuid", "action", "recorded_at", "recorded_by", "prev", "hash")
MAYBE = ("parcel_id", "building_id", "milestone", "occurred_on", "precision", "kind", "evidence", "note", "details")

# A line that does not follow the last one is refused by the database itself, and none is ever changed.
SQLITE_GUARDS = (
    """CREATE TRIGGER entries_follow BEFORE INSERT ON entries BEGIN
       UPDATE ledger_head SET seq = NEW.seq, hash = NEW.hash WHERE seq = NEW.seq - 1 AND hash = NEW.prev;
       SELECT RAISE(ABORT, 'the line does not follow the last one') WHERE changes() = 0; END""",
    """CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
       BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END""",
    """CREATE TRIGGER entries_never_go BEFORE DELETE ON entries
       BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END""",
)
# An officer writes under his own name, and what takes an approver is refused; the administrator, who moves whole
# ledgers between stores, keeps the names that stand in them. The function runs with its owner's rights, as nobody else
# may move the head; session_user is still who connected. Its search path holds nothing that a user can put things into.
LAND = "land_parcels, land_buildings, land_occupants, land_blocks, land_coverage"
POSTGRES_GUARDS = (
    """CREATE FUNCTION entries_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'the ledger only grows'; END $$""",
    """CREATE TRIGGER entries_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
       FOR EACH STATEMENT EXECUTE FUNCTION entries_only_grow()""",
    # once for all lines of a statement: the head, moved on line by line, would keep a version of its row for each
    """CREATE FUNCTION entries_follow() RETURNS trigger LANGUAGE plpgsql
       SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
       DECLARE head record; last record;
       BEGIN
         SELECT seq, hash INTO last FROM made ORDER BY seq DESC LIMIT 1;
         IF NOT FOUND THEN RETURN NULL; END IF;
         IF NOT pg_has_role(session_user, 'landgis_administrator', 'member') THEN
           IF EXISTS (SELECT FROM made WHERE recorded_by <> session_user)
           THEN RAISE EXCEPTION 'recorded_by is not the user'; END IF;
           IF EXISTS (SELECT FROM made WHERE action NOT IN ('record', 'correct', 'cancel'))
              AND NOT pg_has_role(session_user, 'landgis_approver', 'member')
           THEN RAISE EXCEPTION 'this takes the role landgis_approver'; END IF;
         END IF;
         SELECT seq, hash INTO head FROM public.ledger_head FOR UPDATE;
         IF EXISTS (
           SELECT FROM (
             SELECT seq, prev, lag(seq, 1, head.seq) OVER lines AS seq_before,
                    lag(hash, 1, head.hash) OVER lines AS hash_before
             FROM made WINDOW lines AS (ORDER BY seq)
           ) AS line WHERE seq <> seq_before + 1 OR prev <> hash_before
         ) THEN RAISE EXCEPTION 'the line does not follow the last one'; END IF;
         UPDATE public.ledger_head SET seq = last.seq, hash = last.hash;
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER entries_follow AFTER INSERT ON entries REFERENCING NEW TABLE AS made
       FOR EACH STATEMENT EXECUTE FUNCTION entries_follow()""",
    # Roles belong to the cluster: another project may have made them, and somebody else may own them.
    """DO $$
       DECLARE
         roles text[] := ARRAY['landgis_viewer', 'landgis_officer', 'landgis_approver', 'landgis_administrator'];
       BEGIN
         FOR i IN 1..4 LOOP
           IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = roles[i]) THEN
             EXECUTE format('CREATE ROLE %I', roles[i]);
           END IF;
           IF i > 1 AND NOT pg_has_role(roles[i], roles[i - 1], 'member') THEN
             EXECUTE format('GRANT %I TO %I', roles[i - 1], roles[i]);
           END IF;
         END LOOP;
         IF NOT pg_has_role(current_user, roles[4], 'member') THEN
           EXECUTE format('GRANT %I TO CURRENT_USER', roles[4]);
         END IF;
       END $$""",
    f"GRANT SELECT ON entries, ledger_head, evidence, users, settings, alembic_version, {LAND} TO landgis_viewer",
    "GRANT INSERT ON entries, evidence TO landgis_officer",
    f"GRANT INSERT, UPDATE ON {LAND} TO landgis_approver",  # a parcel that is split changes the land
    "GRANT INSERT, UPDATE, DELETE ON settings TO landgis_administrator",
    "GRANT CREATE ON SCHEMA public TO landgis_approver",  # who replaces the tables of scores and layers
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "entries",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer),
        sa.Column("corrects", sa.Integer),
        *(sa.Column(name, sa.Text, nullable=False) for name in TEXT),
        *(sa.Column(name, sa.Text) for name in MAYBE),
    )
    op.create_index("entries_by_uuid", "entries", ["uuid"], unique=True)
    op.create_index("entries_by_parcel", "entries", ["parcel_id", "version"], unique=True)
    op.create_table(
        "ledger_head", sa.Column("seq", sa.Integer, nullable=False), sa.Column("hash", sa.Text, nullable=False)
    )
    op.execute(f"INSERT INTO ledger_head VALUES (0, '{'0' * 64}')")
    _land()
    op.create_table(
        "evidence",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "users",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
    )
    op.create_table(
        "settings", sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False)
    )
    guards = POSTGRES_GUARDS if op.get_bind().dialect.name == "postgresql" else SQLITE_GUARDS
    for guard in guards:
        op.execute(guard)


def _land() -> None:
    """What the register counts with. A row holds from the ledger's line `since` on, and before line `until`."""
    _dated("land_parcels", ("parcel_id", "block_id", "renovation_mode", "sign_blockers"), ("area_m2",))
    flags = (sa.Column("fallen", sa.Integer), sa.Column("main", sa.Integer))
    _dated("land_buildings", ("building_id", "parcel_id"), ("floor_area_m2",), *flags)
    _dated("land_occupants", ("parcel_id", "enterprise_id"), ())
    _dated(
        "land_blocks",
        ("block_id", "name", "name_en", "valid_from", "valid_to"),
        ("area_m2", "planned_area_ha"),
    )
    _dated("land_coverage", ("parcel_id", "block_id", "valid_from"), ("covered_m2",))
    op.create_index("land_parcels_by_id", "land_parcels", ["parcel_id"])
    op.create_index("land_parcels_by_block", "land_parcels", ["block_id"])
    op.create_index("land_buildings_by_parcel", "land_buildings", ["parcel_id"])


def _dated(table: str, texts: tuple[str, ...], numbers: tuple[str, ...], *more: sa.Column) -> None:
    op.create_table(
        table,
        *(sa.Column(name, sa.Text) for name in texts),
        *(sa.Column(name, sa.Double) for name in numbers),
        *more,
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("until", sa.Integer),
        sa.Column("row", sa.Integer, sa.Identity(), primary_key=True),
    )


def downgrade() -> None:
    """A ledger is not taken down."""
    raise RuntimeError("the first version of the register has nothing before it")
