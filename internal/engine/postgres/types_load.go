package postgres

import (
	"context"
	"strconv"
)

// The columns that both queries about types give.
const typeColumns = `SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod,
	CASE WHEN t.typlen = -1 AND t.typcategory = 'A' THEN t.typelem ELSE 0 END,
	pg_catalog.format_type(t.oid, NULL), t.typname
	FROM pg_catalog.pg_type t `

// firstUserOID is the first number of what is no part of the system.
const firstUserOID = 16384

// load reads the types of the database that can be decoded: enumerations,
// domains, citext, and arrays of these.
func (ts *types) load(ctx context.Context, c *conn) error {
	rows, err := c.texts(ctx, typeColumns+`LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
		WHERE t.oid >= $1 AND (t.typtype IN ('e', 'd') OR t.typname = 'citext'
			OR t.typcategory = 'A' AND (e.typtype IN ('e', 'd') OR e.typname = 'citext'))`, strconv.Itoa(firstUserOID))
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := ts.learnRow(row); err != nil {
			return err
		}
	}
	return nil
}

// learn asks for a type that is not known yet, and for what it is made of.
func (ts *types) learn(ctx context.Context, c *conn, oid uint32) error {
	for range 8 { // an array of a domain of a domain …
		if oid == 0 || ts.named(oid) {
			return nil
		}
		rows, err := c.texts(ctx, typeColumns+"WHERE t.oid = $1", strconv.FormatUint(uint64(oid), 10))
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			ts.add(oid, userType{name: "unknown"})
			return nil
		}
		if err := ts.learnRow(rows[0]); err != nil {
			return err
		}
		t, _ := ts.lookup(oid)
		oid = t.base + t.elem // one of them at most
	}
	return nil
}

func (ts *types) learnRow(row []string) error {
	var oids [3]uint32
	for i, at := range []int{0, 2, 4} {
		n, err := strconv.ParseUint(row[at], 10, 32)
		if err != nil {
			return err
		}
		oids[i] = uint32(n)
	}
	mod, err := strconv.ParseInt(row[3], 10, 32)
	if err != nil {
		return err
	}
	t := userType{name: row[5], mod: -1}
	switch kind := row[1]; {
	case kind == "d":
		t.base, t.mod = oids[1], int32(mod)
	case kind == "e", kind == "b" && row[6] == "citext" && oids[0] >= firstUserOID:
		t.label = true
	case kind == "b":
		t.elem = oids[2]
	}
	ts.add(oids[0], t)
	return nil
}
