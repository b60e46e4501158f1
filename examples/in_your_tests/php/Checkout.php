<?php
// What a shop does at the checkout, with Guzzle: hold, then invoice; release when there will be no order.
use GuzzleHttp\Client;
use GuzzleHttp\Exception\TransferException;

class Refused extends RuntimeException {}
class Unknown extends RuntimeException {}

class Checkout
{
    private Client $http;

    public function __construct(string $url, string $key)
    {
        $headers = ['X-API-Key' => $key];
        $this->http = new Client(['base_uri' => $url, 'headers' => $headers, 'timeout' => 5, 'http_errors' => false]);
    }

    public function buy(string $remoteId, int $quantity, string $globalId, string $orderId): array
    {
        $this->hold($remoteId, $quantity, $globalId);
        try {
            return $this->call('POST', '/v1/invoices', ['global_id' => $globalId, 'order_id' => $orderId]);
        } catch (Refused $refused) {
            $this->release($globalId); // no order: the tickets must not stay held
            throw $refused;
        }
    }

    public function hold(string $remoteId, int $quantity, string $globalId): array
    {
        $body = ['remote_id' => $remoteId, 'quantity' => $quantity, 'global_id' => $globalId];
        return $this->call('POST', '/v1/holds', $body);
    }

    public function release(string $globalId): array
    {
        return $this->call('DELETE', "/v1/holds/$globalId");
    }

    // One call until its outcome is known. An answer that was lost, and one that says retryable, is asked for again
    // with the same ids; any other refusal is final.
    private function call(string $method, string $path, ?array $body = null): array
    {
        for ($attempt = 0; $attempt < 5; $attempt++) {
            try {
                $answer = $this->http->request($method, $path, $body === null ? [] : ['json' => $body]);
            } catch (TransferException) {
                continue;
            }
            $said = json_decode((string) $answer->getBody(), true);
            if ($answer->getStatusCode() < 300) {
                return $said;
            }
            if (!$said['retryable']) {
                throw new Refused($said['code']);
            }
            sleep(min((int) $answer->getHeaderLine('Retry-After'), 1));
        }
        throw new Unknown($path);
    }
}
