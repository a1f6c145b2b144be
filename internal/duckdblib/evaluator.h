#ifndef SALLYPORT_DUCKDBLIB_EVALUATOR_H
#define SALLYPORT_DUCKDBLIB_EVALUATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// evaluator_io is what the two functions of an evaluator's query exchange with Go.
typedef struct {
	char *input; // what is to be evaluated next
	size_t input_length, input_capacity;
	bool pending; // there is an input that nobody has taken
	char *output; // what came of the last one
	size_t output_length, output_capacity;
	size_t limit; // of what is copied to output
	bool done;    // there is an output
} evaluator_io;

bool evaluator_put(evaluator_io *io, const char *text, size_t length);
void evaluator_clear(evaluator_io *io);
void *evaluator_bind(void);
void *evaluator_init(void);
void *evaluator_next(void);
void *evaluator_take(void);

#endif
