// The steps as a program, on a directory.

#include "steps.h"

#include <stdio.h>
#include <stdlib.h>

int main(int count, char **arguments) {
    if (count != 2)
        return 2;
    char *said = steps(arguments[1]);
    fputs(said, stdout);
    free(said);
    return 0;
}
