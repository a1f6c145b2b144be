package duckdb

import (
	"strconv"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// plainTypes are the types written by name alone, as DuckDB spells them.
var plainTypes = map[string]bool{
	"BOOLEAN": true, "TINYINT": true, "SMALLINT": true, "INTEGER": true, "BIGINT": true, "HUGEINT": true,
	"UTINYINT": true, "USMALLINT": true, "UINTEGER": true, "UBIGINT": true, "UHUGEINT": true,
	"FLOAT": true, "DOUBLE": true, "VARCHAR": true, "BLOB": true, "BIT": true, "UUID": true,
	"DATE": true, "TIME": true, "TIME WITH TIME ZONE": true, "TIMESTAMP": true, "TIMESTAMP WITH TIME ZONE": true,
	"TIMESTAMP_S": true, "TIMESTAMP_MS": true, "TIMESTAMP_NS": true, "INTERVAL": true, "TIME_NS": true,
}

// jsonType is DuckDB's own, yet bound by its name only.
const jsonType = "JSON"

// typeName lowers a LogicalType: {"id", "type_info"}.
func (l *lowering) typeName(v *fastjson.Value) tree.Type {
	t := tree.Type{}
	var info *fastjson.Value
	l.fields(v, "type", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "id":
			t.Name = l.text(v)
		case "type_info":
			if v.Type() != fastjson.TypeNull {
				info = v
			}
		default:
			return false
		}
		return true
	})
	switch {
	case l.err != nil:
	case info != nil:
		l.typeInfo(info, &t)
	case !plainTypes[t.Name]:
		l.unsupported(ruleSyntax, "type %q", t.Name)
	}
	return t
}

func (l *lowering) typeInfo(v *fastjson.Value, t *tree.Type) {
	kind := string(v.GetStringBytes("type"))
	l.fields(v, "type information", func(key []byte, v *fastjson.Value) bool {
		switch {
		case string(key) == "type":
		case string(key) == "extension_info", string(key) == "alias", string(key) == "modifiers":
			l.mustLack(v, ruleSyntax, key, "a type")
		case kind == "DECIMAL_TYPE_INFO" && t.Name == "DECIMAL" && (string(key) == "width" || string(key) == "scale"):
			t.Modifiers = append(t.Modifiers, l.number(v))
		case kind == "LIST_TYPE_INFO" && t.Name == "LIST" && string(key) == "child_type":
			elem := l.typeName(v)
			t.Elem = &elem
		case kind == "LIST_TYPE_INFO" && t.Name == "MAP" && string(key) == "child_type":
			t.Fields = l.typeName(v).Fields
		case kind == "ARRAY_TYPE_INFO" && t.Name == "ARRAY" && string(key) == "child_type":
			elem := l.typeName(v)
			t.Elem = &elem
		case kind == "ARRAY_TYPE_INFO" && t.Name == "ARRAY" && string(key) == "size":
			t.Size = l.arraySize(v)
		case kind == "STRUCT_TYPE_INFO" && t.Name == "STRUCT" && string(key) == "child_types":
			t.Fields = l.structFields(v)
		case kind == "UNBOUND_TYPE_INFO" && t.Name == "UNBOUND" && string(key) == "name":
			// Any other is a type that the source defines, of which casts and
			// typeof would tell, such as the members of an ENUM.
			if t.Name = l.text(v); !fold.Same(t.Name, jsonType) {
				l.unsupported(ruleSyntax, "type %q", t.Name)
			}
			t.Name = jsonType
		case kind == "UNBOUND_TYPE_INFO" && (string(key) == "catalog" || string(key) == "schema" || string(key) == "user_type_modifiers"):
			l.mustLack(v, ruleSyntax, key, "a type")
		default:
			return false
		}
		return true
	})
	if t.Name == "MAP" && len(t.Fields) != 2 || t.Name == "DECIMAL" && len(t.Modifiers) != 2 || t.Name == "UNBOUND" {
		l.unsupported(ruleSyntax, "incomplete %s", t.Name)
	}
}

// maxArraySize bounds ARRAY types: a cast to one writes that many elements, even
// for NULL, and nested ones multiply.
const maxArraySize = 4096

func (l *lowering) arraySize(v *fastjson.Value) string {
	size := l.integer(v)
	if size < 1 || size > maxArraySize {
		l.unsupported(ruleSyntax, "array of %d", size)
	}
	return strconv.FormatInt(size, 10)
}

func (l *lowering) structFields(v *fastjson.Value) []tree.Field {
	var list []tree.Field
	for _, entry := range l.array(v) {
		var f tree.Field
		l.fields(entry, "field", func(key []byte, v *fastjson.Value) bool {
			switch string(key) {
			case "first":
				f.Name = l.text(v)
			case "second":
				f.Type = l.typeName(v)
			default:
				return false
			}
			return true
		})
		list = append(list, f)
	}
	return list
}
