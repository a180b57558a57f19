import { defineQuery, SpacedriveError } from "@spacedrive/runtime";
import { z } from "zod";

const forecasts: Readonly<Record<string, number>> = { Oslo: -3, Lisbon: 17, Nairobi: 24 };

/** An operation of this application: extensions that were granted `weather.` can call it. */
export const weatherToday = defineQuery({
  name: "weather.today",
  scope: "host",
  input: z.object({ city: z.string() }),
  output: z.object({ celsius: z.number() }),
  run: (_ctx, { city }) => {
    const celsius = Object.hasOwn(forecasts, city) ? forecasts[city] : undefined;
    if (celsius === undefined) {
      throw new SpacedriveError(
        "NOT_FOUND",
        `There is no forecast for ${city}. Known: ${Object.keys(forecasts).join(", ")}.`,
      );
    }
    return { celsius };
  },
});
