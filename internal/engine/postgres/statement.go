package postgres

import (
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// statement is one that a connection has prepared, with what is needed to
// read its rows. It serves one query at a time, like its connection.
type statement struct {
	name    string
	used    uint64  // when it was last used, in queries
	formats []int16 // of the columns; nil: all binary

	fields   []field
	decoders []decoder
	rows     rows
	// encoder is the one used last, made for encoding.
	encoder  encode.Encoder
	encoding encoding
}

// field is what the server says of a column.
type field struct {
	name   string
	oid    uint32
	mod    int32
	format int16
}

// encoding is how an answer is to be encoded.
type encoding struct {
	format  encode.Format
	options encode.Options
}

// describe takes a description of the columns over. It reports whether every
// column can be decoded in the format it comes in.
func (s *statement) describe(ts *types, described []pgproto3.FieldDescription) bool {
	if s.decoders != nil && slices.EqualFunc(s.fields, described, func(f field, d pgproto3.FieldDescription) bool {
		return f.name == string(d.Name) && f.oid == d.DataTypeOID && f.mod == d.TypeModifier && f.format == d.Format
	}) {
		return true
	}
	s.release()
	fields, decoders := make([]field, len(described)), make([]decoder, len(described))
	for i, d := range described {
		fields[i] = field{name: string(d.Name), oid: d.DataTypeOID, mod: d.TypeModifier, format: d.Format}
		if d.Format == pgproto3.TextFormat {
			decoders[i] = ts.asText(d.DataTypeOID)
		} else if decoders[i] = ts.decoder(d.DataTypeOID, d.TypeModifier); decoders[i] == nil {
			return false
		}
	}
	s.fields, s.decoders = fields, decoders
	return true
}

// begin prepares for the rows of an answer.
func (s *statement) begin(e encoding) (encode.Encoder, error) {
	s.rows.reset(s.decoders, e.format)
	if s.encoder != nil && s.encoding == e {
		return s.encoder, nil
	}
	columns := make([]encode.Column, len(s.fields))
	for i := range columns {
		columns[i] = encode.Column{Name: s.fields[i].name, Type: s.decoders[i].vector().Type}
	}
	var err error
	s.encoder, err = encode.New(e.format, columns, e.options)
	s.encoding = e
	return s.encoder, err
}

// release gives up all that the answers have taken. The columns are described
// once more when the statement is used again.
func (s *statement) release() {
	s.decoders, s.rows, s.encoder, s.encoding = nil, rows{}, nil, encoding{}
}

// maxStatements is how many prepared statements a connection keeps. Each costs
// the server its plan.
const maxStatements = 64

// statements are those of a connection, by their text.
type statements struct {
	known  map[string]*statement
	clock  uint64
	serial uint64
}

func newStatements() *statements { return &statements{known: map[string]*statement{}} }

// get finds a statement, or makes one that the server does not have yet.
func (ss *statements) get(sql string) (s *statement, fresh bool) {
	ss.clock++
	if s = ss.known[sql]; s != nil {
		s.used = ss.clock
		return s, false
	}
	ss.serial++
	return &statement{name: "sallyport_" + strconv.FormatUint(ss.serial, 10), used: ss.clock}, true
}

// keep remembers a statement that the server has taken.
func (ss *statements) keep(sql string, s *statement) { ss.known[sql] = s }

// surplus forgets the statement that was not used for the longest time, if
// there are too many, and returns its name.
func (ss *statements) surplus() (name string, ok bool) {
	if len(ss.known) <= maxStatements {
		return "", false
	}
	var oldest string
	for sql, s := range ss.known {
		if name == "" || s.used < ss.known[oldest].used {
			oldest, name = sql, s.name
		}
	}
	delete(ss.known, oldest)
	return name, true
}
