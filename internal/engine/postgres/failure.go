package postgres

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// SQLSTATEs that are treated in a way of their own (PostgreSQL's appendix A).
const (
	stateReadOnly     = "25006"
	stateCancelled    = "57014"
	stateNoStatement  = "26000"
	stateFeature      = "0A000" // a cached plan must not change its result, among others
	stateBadParameter = "22023"
)

// refusal turns an error of the server into what the client may be told. The
// server's text stays in the cause.
func refusal(e *pgconn.PgError) error {
	switch e.Code {
	case stateCancelled, "25P03", "25P04": // statement timeout; timeouts of a transaction
		return sqlguard.Refuse(sqlguard.RuleTimeout, e)
	case "53100", "53200", "53400": // disk full, out of memory, temp_file_limit
		return sqlguard.Refuse(sqlguard.RuleMemory, e)
	case "40001", "40P01", "55P03", "58030": // recovery conflict, deadlock, lock timeout, input or output error
		return unavailable(e)
	}
	switch class := e.Code[:min(2, len(e.Code))]; {
	case e.Code == "08P01": // a wrong number of parameters is a violation of the protocol
	case class == "08", class == "53", class == "57": // connection, too many of them, shutdown
		return unavailable(e)
	}
	return sqlguard.Refuse(sqlguard.RuleFailed, e)
}

// unavailable means that another attempt may succeed.
func unavailable(err error) error { return fmt.Errorf("%w: %w", engine.ErrUnavailable, err) }

// isWrite reports whether an error says that something else than a query was
// tried.
func isWrite(err error) bool {
	var e *pgconn.PgError
	return errors.Is(err, errStatement) || errors.As(err, &e) && e.Code == stateReadOnly
}

// errStatement is a statement that the guard should not have let through.
var errStatement = errors.New("postgres: the engine calls this statement something else than a SELECT")
