package sqlguard

// Rule is the stable id of a reason to refuse a statement. Ids are part of
// the API: they never change their meaning.
type Rule string

// The rules, in the order in which they are judged. The last six are raised
// by the engines and the planner, not by a Guard.
const (
	RuleTooLong            Rule = "sql.too_long"
	RuleEncoding           Rule = "sql.encoding"
	RuleStatement          Rule = "sql.statement"
	RuleMultipleStatements Rule = "sql.multiple_statements"
	RuleComment            Rule = "sql.comment"
	RuleSyntax             Rule = "sql.syntax"
	RuleRecursiveCTE       Rule = "sql.recursive_cte"
	RuleGenerator          Rule = "sql.generator"
	RuleFunction           Rule = "sql.function"

	RuleCatalog         Rule = "sql.catalog"
	RuleFileSource      Rule = "sql.file_source"
	RuleTable           Rule = "sql.table"
	RuleColumn          Rule = "sql.column"
	RuleRows            Rule = "sql.rows"
	RuleOrderBy         Rule = "sql.order_by"
	RuleMultipleSources Rule = "sql.multiple_sources"
	RuleUnkeyedJoin     Rule = "sql.unkeyed_join"
	RuleDepth           Rule = "sql.depth"
	RuleCost            Rule = "sql.cost"
	RuleBytes           Rule = "sql.bytes"
	RuleTimeout         Rule = "sql.timeout"
	RuleMemory          Rule = "sql.memory"
	RuleFailed          Rule = "sql.failed"
)

// hints say in one fixed sentence how to repair a statement. They never
// repeat anything of it.
var hints = map[Rule]string{
	RuleTooLong:            "Shorten the statement: its text, a name, a number or a chain of operators is too long.",
	RuleEncoding:           "Use plain printable UTF-8; control and invisible characters may stand only inside string literals.",
	RuleStatement:          "Send one SELECT (or WITH, VALUES, SHOW TABLES, DESCRIBE, EXPLAIN); quote a column name that is also a command.",
	RuleMultipleStatements: "Send exactly one statement.",
	RuleComment:            "Remove the comments.",
	RuleSyntax:             "Check the syntax; only plain SELECT syntax and positional parameters ($1 or ?) are supported.",
	RuleGenerator:          "Read rows from a table instead of generating them.",
	RuleFunction:           "Use only functions from the documented list, with patterns and paths as plain literals; lambdas are not available, nor window functions under the preset strict.",
	RuleRecursiveCTE:       "Rewrite the query without WITH RECURSIVE.",
	RuleCatalog:            "System catalogs and settings are closed; list tables with SHOW TABLES or GET /v1/sources/{source}/tables.",
	RuleFileSource:         "Name a table; files and addresses cannot be read.",
	RuleTable:              "Query only the tables that GET /v1/sources/{source}/tables lists, by their plain names.",
	RuleColumn:             "Name the columns you need, and only those that may be read.",
	RuleRows:               "Write LIMIT and OFFSET as plain whole numbers or parameters.",
	RuleOrderBy:            "Order by columns, positions or plain aggregates; compute anything else in the SELECT list and order by its name.",
	RuleMultipleSources:    "Read one table per SELECT; use subqueries or CTEs instead of joins.",
	RuleUnkeyedJoin:        "Join on an equality between columns of both tables.",
	RuleDepth:              "Use fewer SELECTs: under the preset strict at most three nested in one another and three beside each other.",
	RuleCost:               "Read less data: add a filter or aggregate earlier.",
	RuleBytes:              "Ask for fewer rows, fewer columns or shorter values.",
	RuleTimeout:            "Ask for less work: add a filter or aggregate fewer rows.",
	RuleMemory:             "Ask for less at once: fewer groups, fewer distinct values or a smaller sort.",
	RuleFailed:             "Check names, types and values against the tables' columns.",
}

// Hint is the fixed sentence on how to repair a statement that the rule
// refused; empty for a rule that does not exist.
func (r Rule) Hint() string { return hints[r] }

// Rules lists every rule in the order of judging.
func Rules() []Rule {
	return []Rule{
		RuleTooLong, RuleEncoding, RuleStatement, RuleMultipleStatements, RuleComment, RuleSyntax,
		RuleRecursiveCTE, RuleGenerator, RuleFunction, RuleCatalog, RuleFileSource, RuleTable, RuleColumn,
		RuleRows, RuleOrderBy, RuleMultipleSources, RuleUnkeyedJoin, RuleDepth,
		RuleCost, RuleBytes, RuleTimeout, RuleMemory, RuleFailed,
	}
}
