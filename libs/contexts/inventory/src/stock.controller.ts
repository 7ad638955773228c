import { NotFound, skuSchema } from '@banyan/kernel/contract';
import { Answers, Fails, Idempotent, Roles, SignedIn } from '@banyan/kernel/http';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ReceiveStock } from './receive-stock.js';
import { type StockLevel, available } from './stock.js';
import { StockRepository } from './stock.repository.js';

const ofArticle = z.strictObject({ sku: skuSchema });
const receipt = z.strictObject({ quantity: z.int().min(1).max(1_000_000_000) });

const pieces = z.int().min(0);
const stockSchema = z.strictObject({
  sku: skuSchema,
  onHand: pieces.describe('On the shelf.'),
  reserved: pieces.describe('Of those, promised to orders.'),
  available: pieces.describe('On hand and not reserved.'),
});

@Controller('v1/stock')
@ApiTags('inventory')
export class StockController {
  constructor(private readonly stock: StockRepository, private readonly receiveStock: ReceiveStock) {}

  @Get(':sku')
  @SignedIn()
  @Answers(200, stockSchema, 'What is on the shelf.')
  @Fails(NotFound)
  async show(@Param({ schema: ofArticle }) { sku }: z.output<typeof ofArticle>): Promise<z.input<typeof stockSchema>> {
    const level = await this.stock.find(sku);
    if (!level) throw new NotFound(`There has never been any ${sku} in stock.`, { sku });
    return answer(level);
  }

  @Post(':sku/receipts')
  @Roles('staff')
  @Idempotent()
  @Answers(201, stockSchema, 'What is on the shelf now.')
  async receive(
    @Param({ schema: ofArticle }) { sku }: z.output<typeof ofArticle>,
    @Body({ schema: receipt }) { quantity }: z.output<typeof receipt>,
  ): Promise<z.input<typeof stockSchema>> {
    return answer(await this.receiveStock.run(sku, quantity));
  }
}

function answer(level: StockLevel): z.input<typeof stockSchema> {
  return { ...level, available: available(level) };
}
