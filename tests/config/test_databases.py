from config.databases import celery_broker, database_from, redis_database


def test_database_from_an_address_with_a_password() -> None:
    database = database_from("postgresql://nuan:p%40ss@db:5433/nuanlin?sslmode=require", process="web")
    named = {name: database[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    assert named == {"NAME": "nuanlin", "USER": "nuan", "PASSWORD": "p@ss", "HOST": "db", "PORT": "5433"}
    assert database["OPTIONS"]["sslmode"] == "require"


def test_database_from_a_folder_of_sockets() -> None:
    database = database_from("postgresql://postgres@/nuanlin?host=/tmp/sockets", process="command")
    assert (database["HOST"], database["PORT"]) == ("/tmp/sockets", "")


def test_database_from_gives_people_less_patience_than_jobs() -> None:
    web = database_from("postgresql:///nuanlin", process="web")["OPTIONS"]
    worker = database_from("postgresql:///nuanlin", process="worker")["OPTIONS"]
    assert "statement_timeout=15s" in web["options"]
    assert "statement_timeout=10min" in worker["options"]
    assert "pool" in web
    assert "pool" not in worker


def test_redis_addresses_over_tcp() -> None:
    assert redis_database("redis://cache:6379", 1) == "redis://cache:6379/1"
    assert celery_broker("redis://cache:6379/5", 0) == "redis://cache:6379/0"


def test_redis_addresses_over_a_socket() -> None:
    assert redis_database("unix:///tmp/s/valkey.sock", 1) == "unix:///tmp/s/valkey.sock?db=1"
    assert celery_broker("unix:///tmp/s/valkey.sock", 0) == "redis+socket:///tmp/s/valkey.sock?virtual_host=0"
