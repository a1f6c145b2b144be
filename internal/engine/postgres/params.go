package postgres

import (
	"fmt"
	"strconv"
)

// textParams writes parameters in the text format; the server infers their
// types from the statement. NULL is nil.
func textParams(params []any) ([][]byte, error) {
	list := make([][]byte, len(params))
	for i, p := range params {
		switch p := p.(type) {
		case nil:
		case bool:
			list[i] = strconv.AppendBool(nil, p)
		case int64:
			list[i] = strconv.AppendInt(nil, p, 10)
		case float64:
			list[i] = strconv.AppendFloat(nil, p, 'g', -1, 64) // NaN and +Inf are the server's words, too
		case string:
			list[i] = append([]byte{}, p...)
		default:
			return nil, fmt.Errorf("postgres: parameter %d is a %T", i+1, p)
		}
	}
	return list, nil
}
