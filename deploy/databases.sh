#!/bin/sh
# Run once by the PostgreSQL image, when its volume is new: a database and an owner for each side.
set -eu
owned() {
  psql -v ON_ERROR_STOP=1 -v name="$1" -v password="$2" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
SQL
}
owned handoff "$HANDOFF_DB_PASSWORD"
owned rasa "$RASA_DB_PASSWORD"
