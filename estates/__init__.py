"""Communities, buildings, units, people, occupancies, meters and the roster import."""
