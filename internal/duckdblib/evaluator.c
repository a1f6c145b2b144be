#include "evaluator.h"

#include <stdlib.h>
#include <string.h>

// What is used of DuckDB's C API. Its header is in the bindings' module, where
// the C compiler does not look on behalf of another one.
typedef uint64_t idx_t;
extern void *duckdb_create_logical_type(int type);
extern void duckdb_destroy_logical_type(void **type);
extern void duckdb_bind_add_result_column(void *info, const char *name, void *type);
extern void duckdb_init_set_max_threads(void *info, idx_t max_threads);
extern void *duckdb_function_get_extra_info(void *info);
extern void duckdb_function_set_error(void *info, const char *error);
extern void *duckdb_scalar_function_get_extra_info(void *info);
extern void duckdb_scalar_function_set_error(void *info, const char *error);
extern idx_t duckdb_data_chunk_get_size(void *chunk);
extern void duckdb_data_chunk_set_size(void *chunk, idx_t size);
extern void *duckdb_data_chunk_get_vector(void *chunk, idx_t column);
extern void *duckdb_vector_get_data(void *vector);
extern uint64_t *duckdb_vector_get_validity(void *vector);
extern void duckdb_vector_ensure_validity_writable(void *vector);
extern void duckdb_vector_assign_string_element_len(void *vector, idx_t index, const char *text, idx_t length);

enum { type_varchar = 17 };

// text is how DuckDB keeps a value of a VARCHAR.
typedef struct {
	uint32_t length;
	char prefix[4];
	union {
		char *pointer;
		char rest[8];
	} tail;
} text;

static const char *text_data(const text *t) { return t->length <= 12 ? t->prefix : t->tail.pointer; }

static bool reserve(char **buffer, size_t *capacity, size_t length) {
	if (length <= *capacity) {
		return true;
	}
	char *larger = realloc(*buffer, length);
	if (larger == NULL) {
		return false;
	}
	*buffer = larger;
	*capacity = length;
	return true;
}

// evaluator_put lays an input ready.
bool evaluator_put(evaluator_io *io, const char *from, size_t length) {
	if (!reserve(&io->input, &io->input_capacity, length)) {
		return false;
	}
	if (length > 0) {
		memcpy(io->input, from, length);
	}
	io->input_length = length;
	io->pending = true;
	io->done = false;
	return true;
}

// evaluator_clear frees the buffers.
void evaluator_clear(evaluator_io *io) {
	free(io->input);
	free(io->output);
	size_t limit = io->limit;
	memset(io, 0, sizeof *io);
	io->limit = limit;
}

static void bind(void *info) {
	void *varchar = duckdb_create_logical_type(type_varchar);
	duckdb_bind_add_result_column(info, "input", varchar);
	duckdb_destroy_logical_type(&varchar);
}

static void init(void *info) { duckdb_init_set_max_threads(info, 1); }

// next gives the query a row: the input that is pending, or NULL. DuckDB asks
// for a row once more than it is asked for one.
static void next(void *info, void *output) {
	evaluator_io *io = duckdb_function_get_extra_info(info);
	void *column = duckdb_data_chunk_get_vector(output, 0);
	if (io->pending) {
		duckdb_vector_assign_string_element_len(column, 0, io->input, io->input_length);
		io->pending = false;
	} else {
		duckdb_vector_ensure_validity_writable(column);
		duckdb_vector_get_validity(column)[0] &= ~(uint64_t)1;
	}
	duckdb_data_chunk_set_size(output, 1);
}

// take keeps what a row came to.
static void take(void *info, void *input, void *output) {
	evaluator_io *io = duckdb_scalar_function_get_extra_info(info);
	void *column = duckdb_data_chunk_get_vector(input, 0);
	uint64_t *validity = duckdb_vector_get_validity(column);
	*(bool *)duckdb_vector_get_data(output) = true;
	if (duckdb_data_chunk_get_size(input) != 1 || (validity != NULL && (validity[0] & 1) == 0)) {
		return;
	}
	const text *result = duckdb_vector_get_data(column);
	size_t copied = result->length < io->limit ? result->length : io->limit;
	if (!reserve(&io->output, &io->output_capacity, copied)) {
		duckdb_scalar_function_set_error(info, "Allocation failure");
		return;
	}
	if (copied > 0) {
		memcpy(io->output, text_data(result), copied);
	}
	io->output_length = result->length;
	io->done = true;
}

void *evaluator_bind(void) { return (void *)bind; }
void *evaluator_init(void) { return (void *)init; }
void *evaluator_next(void) { return (void *)next; }
void *evaluator_take(void) { return (void *)take; }
