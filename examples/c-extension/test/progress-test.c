/* Reports progress as a job with odd numbers does: what stands on standard output must be records all the same. */
#include "../src/spacedrive.h"

#include <math.h>

int main(void) {
    const double fractions[] = {NAN, -INFINITY, INFINITY, -1, 0, 0.25, 1, 2, 1e300};
    for (size_t i = 0; i < sizeof fractions / sizeof fractions[0]; i++) sd_progress(fractions[i], text_of("on its way"));
    return 0;
}
