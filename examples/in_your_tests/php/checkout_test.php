<?php
// mockpos exec --audit error -- php checkout_test.php
// Debian's php-guzzlehttp-guzzle; with Composer it is vendor/autoload.php
require getenv('GUZZLE_AUTOLOAD') ?: 'GuzzleHttp/autoload.php';
require __DIR__ . '/Checkout.php';

use GuzzleHttp\Client;

// Each test has a key of its own: its first call makes a sandbox, a whole world that no other test sees.
class World
{
    public Checkout $checkout;
    private Client $control;

    public function __construct()
    {
        $key = 'test-' . bin2hex(random_bytes(4));
        $this->checkout = new Checkout(getenv('MOCKPOS_URL'), $key);
        $this->control = new Client(['headers' => ['X-API-Key' => $key]]);
    }

    public function mockpos(string $method, string $path, ?array $body = null): array
    {
        $options = $body === null ? [] : ['json' => $body];
        $answer = $this->control->request($method, getenv('MOCKPOS_CONTROL_URL') . $path, $options);
        return json_decode((string) $answer->getBody(), true);
    }

    public function misbehave(array $rule): void
    {
        $rules = [['id' => 'once', 'times' => 1] + $rule];
        $this->mockpos('PUT', '/scenario', ['scenario' => ['name' => 'bad-day', 'rules' => $rules]]);
    }

    public function codes(): array
    {
        return array_reverse(array_column($this->mockpos('GET', '/requests')['requests'], 'code'));
    }
}

function same(mixed $expected, mixed $actual): void
{
    if ($expected !== $actual) {
        throw new Exception(json_encode($actual) . ' is not ' . json_encode($expected));
    }
}

function refused(callable $call): string
{
    try {
        $call();
    } catch (Refused $refused) {
        return $refused->getMessage();
    }
    throw new Exception('it was not refused');
}

$tests = [
    'it buys two tickets' => function (World $world) {
        $sold = $world->checkout->buy('TG-1042', 2, 'g-1', 'o-1');
        same(['invoiced', ['5', '6']], [$sold['status'], $sold['seats']]);
    },
    'it does not repeat a refusal that is final' => function (World $world) {
        same('listing_sold_out', refused(fn () => $world->checkout->buy('MOCK-LISTING_SOLD_OUT', 2, 'g-1', 'o-1')));
        same(['listing_sold_out'], $world->codes());
    },
    'it asks a busy automator again' => function (World $world) {
        $world->misbehave(['on' => 'hold', 'respond' => 'pos_unavailable']);
        $world->checkout->buy('TG-1042', 2, 'g-1', 'o-1');
        same(['pos_unavailable', 'held', 'invoiced'], $world->codes());
    },
    'it repeats a hold whose answer was lost, with the same Global ID' => function (World $world) {
        $world->misbehave(['on' => 'hold', 'fault' => 'reset', 'phase' => 'after_commit']);
        same(true, $world->checkout->hold('TG-1042', 2, 'g-1')['replayed']);
        $world->checkout->release('g-1');
    },
    'it releases the tickets when the invoice is refused' => function (World $world) {
        $world->misbehave(['on' => 'invoice', 'respond' => 'invoice_rejected']);
        same('invoice_rejected', refused(fn () => $world->checkout->buy('TG-1042', 2, 'g-1', 'o-1')));
        same(['held', 'invoice_rejected', 'released'], $world->codes());
    },
];

$failed = 0;
foreach ($tests as $name => $test) {
    $world = new World();
    try {
        $test($world);
        same([], $world->mockpos('GET', '/audit')['findings']);
        echo "ok   $name\n";
    } catch (Throwable $error) {
        $failed++;
        echo "FAIL $name: {$error->getMessage()}\n";
    }
}
exit($failed ? 1 : 0);
