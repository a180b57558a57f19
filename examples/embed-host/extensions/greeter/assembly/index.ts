import { ExtensionContext, Result, orReturn } from "@spacedrive/sdk";

@json export class GreetInput { name!: string; city!: string; }
@json export class GreetOutput { greeting!: string; }

@json export class WeatherInput { city!: string; }
@json export class WeatherOutput { celsius!: f64; }

@extension({
  id: "greeter",
  name: "Greeter",
  version: "0.1.0",
  description: "Greets with today's weather, which it asks of the application that runs it.",
  permissions: { methods: ["weather."] },
})
class Greeter {
  @query({ name: "greet", version: 1, scope: "library" })
  static greet(ctx: ExtensionContext, input: GreetInput): Result<GreetOutput> {
    const question = new WeatherInput();
    question.city = input.city;
    const weather = orReturn(ctx.call<WeatherInput, WeatherOutput>("query:weather.today.v1", question));
    const output = new GreetOutput();
    output.greeting = `Good ${weather.celsius < 10 ? "cold" : "warm"} morning, ${input.name}`;
    return Result.ok(output);
  }
}
